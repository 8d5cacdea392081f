"""Let people work on cases: more kinds of events, and what lists of cases are searched by."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
