"""The least that an HTTP command with the same SQL can cost: FastAPI, a pool, four statements, one answer."""

import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import uvicorn
from fastapi import FastAPI, Header
from tests.bench.toy import INSERT, Recorded, RecordInvoice, fact_of, invoice

from chassis.codec import encode
from chassis.database import Cause
from chassis.idempotency import _KEEP, _LOOK
from chassis.outbox import columns

SAMPLE = encode(invoice(0), service="bare", policy_version="1", cause=Cause("bare"), now=datetime.now(UTC))


@asynccontextmanager
async def pooled(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["AFTERCARE_DATABASE_URL"], min_size=10, max_size=10) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=pooled)


@app.post("/invoices", status_code=201)
async def post_invoice(body: RecordInvoice, idempotency_key: str = Header()) -> Recorded:
    """The same statements in one transaction; token, problem and metric are left out, the outbox row is ready-made."""
    invoice_id = uuid4()
    payload = fact_of(body, invoice_id).model_dump_json().encode()
    async with app.state.pool.acquire() as connection, connection.transaction():
        await connection.fetchrow(_LOOK, "bare", idempotency_key)
        await connection.execute(INSERT, invoice_id, body.serial)
        out = columns([SAMPLE])
        fingerprint = hashlib.sha256(payload).digest()
        now = datetime.now(UTC)
        await connection.execute(_KEEP, *out, "bare", idempotency_key, fingerprint, 201, payload, now)
    return Recorded(invoice_id=invoice_id)


if __name__ == "__main__":
    uvicorn.run(
        app, host="127.0.0.1", port=int(os.environ["AFTERCARE_HTTP_PORT"]), log_level="warning", access_log=False
    )
