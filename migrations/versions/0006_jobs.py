"""Add jobs that run beside the pages, and the queue they wait in."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
