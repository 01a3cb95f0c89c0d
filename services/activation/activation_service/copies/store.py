"""The SQL statement of copies."""

from chassis.database import Tx


async def hold_still(tx: Tx) -> None:
    """Everything that the transaction reads is read as of one moment; it changes nothing. First in its transaction."""
    await tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
