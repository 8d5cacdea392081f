"""Read areas by an index of their own, and leave the constraint's index to the constraint.

PostgreSQL (seen in 15.18, and in the code of 18.4) can hide rows from a GiST index that is one
page: a nested loop that changes rows of the table it scans carries the places of dead entries
over to another page when the page splits.  The expressions keep the planner from reading that
index; it is built anew, so that rows hidden in it are found again.
"""

from alembic import op

revision = "0033"
down_revision = "0032"

NAME = "ex__areas__one_live_version"


def upgrade() -> None:
    op.execute("CREATE INDEX ix__areas__code ON areas (level, code, since)")
    _exclude("(level || '')", "(code || '')")


def downgrade() -> None:
    _exclude("level", "code")
    op.execute("DROP INDEX ix__areas__code")


def _exclude(level: str, code: str) -> None:
    op.execute(f"ALTER TABLE areas DROP CONSTRAINT {NAME}")
    op.execute(
        f"ALTER TABLE areas ADD CONSTRAINT {NAME} EXCLUDE USING gist"
        f" ({level} WITH =, {code} WITH =, int4range(since, until) WITH &&)"
    )
