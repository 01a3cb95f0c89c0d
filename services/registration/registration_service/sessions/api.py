"""Proving the address, signing in and out, and passwords over HTTP."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from chassis.http.commands import Reader, Run, exchange
from chassis.http.errors import ProblemError
from chassis.transact import Refusal
from registration_service.accounts import secrets
from registration_service.accounts.api import LATER, LinkToken, PublicUrl, now_of, problem_of
from registration_service.accounts.claims import is_good
from registration_service.accounts.commands import LinkView, ProveAddress
from registration_service.accounts.reset import PURPOSE, claim_reset
from registration_service.accounts.verification import claim
from registration_service.allowances.turns import LIMITED, Turn, allowance
from registration_service.sessions import handlers, passwords
from registration_service.sessions.commands import (
    AskReset,
    ChangePassword,
    CompleteReset,
    DoneView,
    KeysView,
    PasswordChangedView,
    Refresh,
    SignIn,
    SignOut,
    TokensView,
)
from registration_service.sessions.keys import SignedBy

router = APIRouter(tags=["sessions"])
Anybody = Annotated[Run, Depends(exchange())]
Proving = Annotated[Turn, Depends(allowance("verification"))]
SigningIn = Annotated[Turn, Depends(allowance("sign-in"))]
Refreshing = Annotated[Turn, Depends(allowance("refresh"))]
Resetting = Annotated[Turn, Depends(allowance("password-reset"))]
WRONG = problem_of(401, "Address and password, or the refresh token, open nothing")


@router.post(
    "/verifications", status_code=201, response_model=TokensView, responses=LIMITED, summary="Prove the address"
)
async def verify_address(body: ProveAddress, run: Anybody, turn: Proving, pool: Reader, signer: SignedBy) -> Response:
    """Send the code with its `sign_up_id`, or the link's `token`: the first session opens, as `applicant` (REG-01).

    Once only. Wrong, expired, used and unknown are one answer; `details.tries_left` counts the tries of a live code,
    and the fifth wrong one voids it (the link stays good). Next: `POST /profile`.
    """
    deed = partial(handlers.verify, claimed=await claim(body, pool), signer=signer)
    return await turn.settled(await run(deed, body))


@router.post("/sessions", status_code=201, response_model=TokensView, responses=WRONG | LIMITED, summary="Sign in")
async def sign_in(body: SignIn, run: Anybody, turn: SigningIn, pool: Reader, signer: SignedBy) -> Response:
    """Exchange address and password for an access token of ten minutes and a refresh token of 30 days (REG-05).

    An unknown address and a wrong password are one answer. After five failures in a row an address waits a minute, and
    twice as long after each more, up to an hour; `Retry-After` tells. Until the account is active its role is
    `applicant` (REG-03, REG-04).
    """
    checked = await handlers.check(body, pool, now_of(run.request))
    return await turn.settled(await run(partial(handlers.sign_in, checked=checked, signer=signer), body))


@router.post("/sessions/refresh", response_model=TokensView, responses=WRONG | LIMITED, summary="Get the next tokens")
async def refresh_session(body: Refresh, run: Anybody, turn: Refreshing, signer: SignedBy) -> Response:
    """Exchange the refresh token for the next one and a fresh access token, with the role of now (REG-05).

    A refresh token is good once; the same one again within ten seconds is taken for a double click, once. Later it is
    taken for stolen, and the whole session ends.
    """
    return await turn.settled(await run(partial(handlers.refresh, signer=signer), body))


@router.post("/sessions/logout", response_model=DoneView, responses=LIMITED, summary="Sign out")
async def sign_out(body: SignOut, run: Anybody, turn: Refreshing) -> Response:
    """End the session of a refresh token (REG-05); access tokens end by themselves within ten minutes."""
    return await turn.settled(await run(handlers.sign_out, body))


@router.post(
    "/password-resets", status_code=202, response_model=DoneView, responses=LIMITED, summary="Ask for a new password"
)
async def ask_password_reset(body: AskReset, run: Anybody, turn: Resetting, public_url: PublicUrl) -> Response:
    """Mail a code and a link, good for 30 minutes, to an address with an account (REG-05); the answer is always this.

    Mails keep 60 seconds apart and are five a day at most.
    """
    deed = partial(passwords.ask_reset, fresh=await secrets.fresh(), public_url=public_url)
    return await turn.settled(await run(deed, body))


@router.get("/password-reset", responses=LIMITED, summary="Look at a password link")
async def look_at_password_reset(
    request: Request, response: Response, pool: Reader, turn: Resetting, token: LinkToken
) -> LinkView:
    """Where the link in the mail leads (REG-05): says whether it is good and where to send it; uses nothing up."""
    response.headers["Cache-Control"] = "no-store"
    good = await is_good(token, PURPOSE, pool, now_of(request))
    await turn.settle(good=good)
    return LinkView(good=good, path="/password-resets/completion")


@router.post(
    "/password-resets/completion",
    response_model=PasswordChangedView,
    responses=LIMITED,
    summary="Choose a new password",
)
async def complete_password_reset(body: CompleteReset, run: Anybody, turn: Resetting, pool: Reader) -> Response:
    """Send the link's `token`, or `brand`, `email` and `code`, with a new password (REG-05).

    All sessions of the account end and its mailbox is told; then sign in. Wrong, expired, used and unknown are one
    answer; the fifth wrong code voids it.
    """
    claimed = await claim_reset(body.token, body.brand, str(body.email) if body.email else None, body.code, pool)
    # what opens nothing sets nothing, so nothing is hashed for it
    password_hash = await secrets.hashed(body.password) if claimed.right else ""
    deed = partial(passwords.complete_reset, claimed=claimed, password_hash=password_hash)
    return await turn.settled(await run(deed, body))


@router.post("/password-changes", response_model=TokensView, responses=LATER, summary="Change the password")
async def change_password(
    body: ChangePassword, run: Annotated[Run, Depends(exchange("accounts:own"))], pool: Reader, signer: SignedBy
) -> Response:
    """Replace the password (REG-05): all other sessions end, and the answer is a new one for the caller.

    Codes and links to a new password that were mailed before open nothing any more.
    """
    replaced = await passwords.replace_own(body, run.caller, pool, now_of(run.request))
    if isinstance(replaced, Refusal):
        raise ProblemError(replaced)
    deed = partial(passwords.change_password, by=run.caller, replaced=replaced, signer=signer)
    return await run(deed, body)


@router.get("/.well-known/jwks.json", summary="Read the public keys")
async def read_keys(response: Response, signer: SignedBy) -> KeysView:
    """The public half of the key that signs access tokens, as a JSON Web Key Set (ALL-06, REG-05)."""
    response.headers["Cache-Control"] = "public, max-age=300"
    return KeysView(keys=[signer.public_key()])
