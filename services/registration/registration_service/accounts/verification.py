"""Signing up and proving the address, by code or by link (REG-01).

Nothing here tells whether an address has an account: both kinds of sign-up have the same answers, limits and costs.
"""

from dataclasses import replace
from typing import Final

from uuid6 import uuid7

from chassis.database import Pool, Tx
from chassis.transact import Accepted, Refusal
from event_schemas import Event
from event_schemas.registration_mail import SignUpRepeated, VerificationRequested
from registration_service.accounts import store
from registration_service.accounts.claims import Claim, claim_by_code, claim_by_link, consume, refused, renewed
from registration_service.accounts.commands import ProveAddress, Resend, SignUp, SignUpView
from registration_service.accounts.domain import Account, after
from registration_service.accounts.proof import Proof, wait_seconds
from registration_service.accounts.secrets import Fresh
from registration_service.contacts.holding import contact_behind, hold
from registration_service.policy import policy_of

FAILED: Final = "verification-failed"


async def sign_up(command: SignUp, tx: Tx, fresh: Fresh, public_url: str) -> Accepted | Refusal:
    """Open an account for a new address; mail the code, or tell the mailbox that it has an account."""
    languages = policy_of(command.brand).languages
    if command.language not in languages:
        return Refusal("language-not-offered", 422, "/language", command.language, languages)
    account, said = await _account_at(command, tx)
    account = replace(account, language=command.language)  # the mail's; what the account says of itself stays
    sign_up_id = uuid7()
    await store.ask(tx, sign_up_id, account.account_id)
    proof = await store.proof_of(tx, account.account_id, "sign-up")
    if proof is None or wait_seconds(proof, tx.now) == 0:
        proof, mail = await _mail(account, proof, tx, fresh, public_url)
        said = (*said, mail)
    return Accepted(SignUpView(sign_up_id=sign_up_id, expires_at=proof.expires_at), said, 202)


async def resend(command: Resend, tx: Tx, fresh: Fresh, public_url: str) -> Accepted | Refusal:
    """Mail a new code in the place of the old one, unless the last mail is too fresh or there were too many today."""
    account_id = await store.asked(tx, command.sign_up_id)
    account = await store.lock(tx, account_id) if account_id else None
    if account is None:
        return Refusal("not-found", 404)
    proof = await store.proof_of(tx, account.account_id, "sign-up")
    if wait := wait_seconds(proof, tx.now):
        return Refusal("try-later", 429, details={"retry_after_seconds": wait})
    proof, mail = await _mail(account, proof, tx, fresh, public_url)
    return Accepted(SignUpView(sign_up_id=command.sign_up_id, expires_at=proof.expires_at), mail, 202)


async def _account_at(command: SignUp, tx: Tx) -> tuple[Account, tuple[Event, ...]]:
    email = str(command.email)
    if known := await store.lock_at_address(tx, command.brand, email):
        return known, ()
    contact = await contact_behind(command.brand, email, command.language, tx)
    new = Account(
        account_id=uuid7(),
        brand=command.brand,
        email=email,
        contact_id=contact.contact_id,
        state="unverified",
        role=None,
        organisation_id=None,
        sees_all_files=False,
        first_name="",
        last_name="",
        phone=None,
        language=command.language,
        keep_me_informed=True,
        password_hash=None,
        version=1,
        changed_at=tx.now,
    )
    if not await store.open_account(tx, new):
        known = await store.lock_at_address(tx, command.brand, email)
        assert known is not None  # somebody signed up with it a moment ago
        return known, contact.facts
    return new, contact.facts


async def _mail(account: Account, last: Proof | None, tx: Tx, fresh: Fresh, public_url: str) -> tuple[Proof, Event]:
    # who has a password has an account; who has none yet may prove the address once more and choose one
    opens = not account.complete
    proof = renewed(account.account_id, "sign-up", last, tx.now, fresh if opens else None)
    await store.write_proof(tx, proof)
    if not opens:
        repeated = SignUpRepeated(
            brand=account.brand, account_id=account.account_id, contact_id=account.contact_id, attempted_at=tx.now
        )
        return proof, repeated
    requested = VerificationRequested(
        brand=account.brand,
        account_id=account.account_id,
        contact_id=account.contact_id,
        code=fresh.code,
        verification_url=f"{public_url}/verification?token={fresh.token}",
        expires_at=proof.expires_at,
        language=account.language,
    )
    return proof, requested


async def claim(command: ProveAddress, pool: Pool) -> Claim:
    """Compare a code or a token with what counts; an unknown sign-up takes as long as a known one."""
    if command.token is not None:
        return await claim_by_link(command.token, "sign-up", pool)
    account_id = await store.asked(pool, command.sign_up_id) if command.sign_up_id else None
    return await claim_by_code(account_id, "sign-up", command.code or "", pool)


async def prove_address(claimed: Claim, tx: Tx) -> Account | Refusal:
    """The account whose address is proven now; from here on the contact is the account's own to change."""
    account = await consume(claimed, "sign-up", tx, FAILED)
    if isinstance(account, Refusal):
        return account
    state = after(account.state, "prove")
    if state is None or account.complete:
        return refused(FAILED, 0)
    await hold(account.contact_id, account.account_id, tx)
    return await store.write(tx, replace(account, state=state))
