"""The read model: products, services and cancellations by their own ids, so that order and repetition do not matter."""

from uuid import UUID

from chassis.database import Tx
from event_schemas.activation import (
    ActivationCancelled,
    ServiceActivated,
    ServiceEnded,
    ServiceExtended,
    ServiceOperational,
)
from event_schemas.activation_contracts import DisputeDecided
from event_schemas.registration import ProductRegistered, RegistrationCancelled
from event_schemas.registration_cases import ProductTransferred
from tickets_service.coverage.acknowledgements import Acknowledgement
from tickets_service.coverage.domain import BoughtService, Product


async def lock_unit(tx: Tx, brand: str, serial: str) -> None:
    """One at a time per unit, also when nothing is stored about it yet, until the transaction ends."""
    # seed 1: the locks of the chassis' command keys use seed 0
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1 || chr(31) || $2, 1))", brand, serial)


async def put_product(tx: Tx, event: ProductRegistered) -> None:
    """The product as last heard of."""
    await tx.execute(
        "INSERT INTO products (product_id, brand, serial, model, customer_id, warranty_ends_on) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (product_id) DO UPDATE SET brand = $2, serial = $3, model = $4, "
        "customer_id = $5, warranty_ends_on = $6",
        event.product_id,
        event.brand,
        event.serial,
        event.model,
        event.customer_id,
        event.warranty_ends_on,
    )


async def put_transfer(tx: Tx, event: ProductTransferred) -> None:
    """The product's new customer, none after a lease; registration says a product before it says its transfer."""
    await tx.execute(
        "UPDATE products SET customer_id = $2 WHERE product_id = $1", event.product_id, event.to_customer_id
    )


async def put_activated(tx: Tx, event: ServiceActivated) -> None:
    """A service; what ServiceOperational said of it before stays."""
    await _put_service(tx, event, "redemption_id = excluded.redemption_id", event.redemption_id, announced=False)


async def put_operational(tx: Tx, event: ServiceOperational) -> None:
    """A service that is set up; its redemption stays as ServiceActivated named it."""
    newer = "operational_at = excluded.operational_at, ends_on = excluded.ends_on, announced = true"
    await _put_service(tx, event, newer, None, announced=True)


async def _put_service(
    tx: Tx, event: ServiceActivated | ServiceOperational, newer: str, redemption_id: UUID | None, *, announced: bool
) -> None:
    await tx.execute(
        "INSERT INTO services (activation_id, brand, serial, product_id, service_reference, customer_id, "
        "operational_at, ends_on, redemption_id, announced) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
        f"ON CONFLICT (activation_id) DO UPDATE SET {newer}",
        event.activation_id,
        event.brand,
        event.serial,
        event.product_id,
        event.service_reference,
        event.customer_id,
        event.operational_at,
        event.ends_on,
        redemption_id,
        announced,
    )


async def put_cancellation(tx: Tx, event: RegistrationCancelled | ActivationCancelled) -> None:
    """A redemption that no longer counts, whether its service was heard of or not."""
    await tx.execute("INSERT INTO cancellations VALUES ($1) ON CONFLICT DO NOTHING", event.redemption_id)


async def put_ending(tx: Tx, event: ServiceEnded) -> None:
    """The last day of a service that ends early, whether it was heard of or not; of several the earliest counts."""
    await tx.execute(
        "INSERT INTO endings (activation_id, ended_on) VALUES ($1, $2) "
        "ON CONFLICT (activation_id) DO UPDATE SET ended_on = least(endings.ended_on, excluded.ended_on)",
        event.activation_id,
        event.ended_on,
    )


async def put_extension(tx: Tx, event: ServiceExtended) -> None:
    """The last day of a service that goes on, whether it was heard of or not; of several the latest counts."""
    await tx.execute(
        "INSERT INTO extensions (activation_id, ends_on) VALUES ($1, $2) "
        "ON CONFLICT (activation_id) DO UPDATE SET ends_on = greatest(extensions.ends_on, excluded.ends_on)",
        event.activation_id,
        event.ends_on,
    )


async def put_acknowledgement(tx: Tx, event: DisputeDecided) -> None:
    """Cover that was acknowledged in a dispute, whether its unit was heard of or not."""
    await tx.execute(
        "INSERT INTO acknowledgements (dispute_id, brand, serial, model, product_id, ticket_id, covered_from, "
        "covered_until, activation_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        event.dispute_id,
        event.brand,
        event.serial,
        event.model,
        event.product_id,
        event.ticket_id,
        event.covered_from,
        event.covered_until,
        event.activation_id,
    )


async def acknowledgements_of(
    tx: Tx, brand: str, serial: str, product_id: UUID | None, model: str | None
) -> list[Acknowledgement]:
    """Cover that was acknowledged; of one product, or of the serial and model when no product is known."""
    rows = await tx.fetch(
        "SELECT dispute_id, ticket_id, covered_from, covered_until, activation_id FROM acknowledgements "
        "WHERE brand = $1 AND serial = $2 AND CASE WHEN $3::uuid IS NULL THEN $4::text IS NULL OR model = $4 "
        "ELSE product_id = $3 END ORDER BY dispute_id",
        brand,
        serial,
        product_id,
        model,
    )
    return [Acknowledgement(**row) for row in rows]


async def products_of(tx: Tx, brand: str, serial: str) -> list[Product]:
    """The registered products with this serial; several when models share it."""
    rows = await tx.fetch(
        "SELECT product_id, model, customer_id, warranty_ends_on FROM products "
        "WHERE brand = $1 AND serial = $2 ORDER BY product_id",
        brand,
        serial,
    )
    return [Product(**row) for row in rows]


async def services_of(tx: Tx, brand: str, serial: str, product_id: UUID | None, time_zone: str) -> list[BoughtService]:
    """The services that were not cancelled; of one product, or of the serial when no product is known.

    `time_zone` is the brand's: an end is a day, the end of a set-up a moment.
    """
    rows = await tx.fetch(
        "SELECT activation_id, service_reference, customer_id, operational_at, announced, "
        "least(greatest(s.ends_on, x.ends_on), ended_on) AS ends_on, "
        "least(greatest(s.ends_on, x.ends_on), ended_on) < (operational_at AT TIME ZONE $4)::date AS never_operational "
        "FROM services s LEFT JOIN endings USING (activation_id) LEFT JOIN extensions x USING (activation_id) "
        "WHERE brand = $1 AND serial = $2 AND ($3::uuid IS NULL OR product_id = $3) "
        "AND NOT EXISTS (SELECT FROM cancellations c WHERE c.redemption_id = s.redemption_id) ORDER BY activation_id",
        brand,
        serial,
        product_id,
        time_zone,
    )
    return [BoughtService(**row) for row in rows]
