"""Signing up and the profile over HTTP; proving the address opens a session, so it is in `sessions`."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from chassis.caller import Caller
from chassis.http.access import may
from chassis.http.app import Problem
from chassis.http.commands import Reader, Run, command, exchange
from chassis.http.errors import ProblemError
from chassis.http.problems import MEDIA_TYPE
from chassis.transact import Refusal
from registration_service.accounts import handlers, profile, secrets, verification
from registration_service.accounts.claims import is_good
from registration_service.accounts.commands import (
    ChangeProfile,
    CompleteProfile,
    LinkView,
    ProfileView,
    Resend,
    SignUp,
    SignUpView,
    profile_of,
)
from registration_service.allowances.turns import LIMITED, Turn, allowance

router = APIRouter(tags=["accounts"])


def problem_of(status: int, description: str) -> dict[int | str, dict[str, Any]]:
    """One more refusal in the document of an operation."""
    return {status: {"model": Problem, "description": description, "content": {MEDIA_TYPE: {}}}}


LATER: Final = problem_of(429, "Too often; `Retry-After` says in how many seconds it may be tried again")
CHANGED: Final = problem_of(412, "The profile has changed since it was read")
UNCHANGED: Final[dict[int | str, dict[str, Any]]] = {304: {"description": "As the `If-None-Match` that was sent"}}
LinkToken = Annotated[
    str, Query(max_length=64, description="`token` of the link in the mail.", examples=["kq3Zr0Yw1h2m5c8T9uVxNg"])
]


async def public_url_of(request: Request) -> str:
    """Base of the links in mails."""
    url: str = request.app.state.settings.public_url
    return url


def now_of(request: Request) -> datetime:
    """The service's present."""
    now: datetime = request.app.state.database.clock.now()
    return now


PublicUrl = Annotated[str, Depends(public_url_of)]


@router.post(
    "/sign-ups",
    status_code=202,
    response_model=SignUpView,
    responses=LIMITED,
    summary="Sign up with an e-mail address",
)
async def sign_up(
    body: SignUp,
    run: Annotated[Run, Depends(exchange())],
    turn: Annotated[Turn, Depends(allowance("sign-up"))],
    public_url: PublicUrl,
) -> Response:
    """Ask for an account (REG-01).

    A mail brings a six-digit code and a link, good for 30 minutes; send either to `POST /verifications`. The answer is
    the same whether or not the address has an account: who has one gets a mail that says so. Mails to one address keep
    60 seconds apart and are five a day at most; asked for more often, the code of the last mail goes on counting.
    """
    deed = partial(verification.sign_up, fresh=await secrets.fresh(), public_url=public_url)
    return await turn.settled(await run(deed, body))


@router.post(
    "/sign-ups/{sign_up_id}/resend",
    status_code=202,
    response_model=SignUpView,
    responses=LIMITED,
    summary="Mail a new code",
)
async def resend_code(
    sign_up_id: Annotated[UUID, Path(description="From the answer to the sign-up.")],
    run: Annotated[Run, Depends(exchange())],
    turn: Annotated[Turn, Depends(allowance("resend"))],
    public_url: PublicUrl,
) -> Response:
    """Mail a new code and a new link; the old ones stop counting (REG-01). At most every 60 seconds and 5 a day."""
    deed = partial(verification.resend, fresh=await secrets.fresh(), public_url=public_url)
    return await turn.settled(await run(deed, Resend(sign_up_id=sign_up_id)))


@router.get("/verification", responses=LIMITED, summary="Look at a verification link")
async def look_at_verification(
    request: Request,
    response: Response,
    pool: Reader,
    turn: Annotated[Turn, Depends(allowance("verification"))],
    token: LinkToken,
) -> LinkView:
    """Where the link in the mail leads (REG-01): says whether it is good, and where to send its token.

    It uses nothing up, since mail scanners open links before people do.
    """
    response.headers["Cache-Control"] = "no-store"
    good = await is_good(token, "sign-up", pool, now_of(request))
    await turn.settle(good=good)
    return LinkView(good=good, path="/verifications")


@router.get("/profile", response_model=ProfileView, responses=UNCHANGED, summary="Read one's own profile")
async def read_profile(
    response: Response,
    pool: Reader,
    caller: Annotated[Caller, Depends(may("accounts:own"))],
    if_none_match: Annotated[
        str | None,
        Header(description="ETag of an earlier answer: answered 304 when nothing changed.", examples=['"3"']),
    ] = None,
) -> ProfileView | Response:
    """What is known of the caller's account, and how far it has come (REG-02, REG-05); with an ETag."""
    account = await handlers.own_as_it_stands(caller, pool)
    if account is None:
        raise ProblemError(Refusal("not-found", 404))
    headers = {"ETag": profile.etag_of(account), "Cache-Control": "no-store"}
    if if_none_match is not None and if_none_match.strip() == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return profile_of(account)


@router.post("/profile", response_model=ProfileView, responses=LATER, summary="Complete the profile")
async def complete_profile(
    body: CompleteProfile, run: Annotated[Run, Depends(exchange("accounts:own"))], pool: Reader
) -> Response:
    """Say who one is and choose a password, once after the address is proven (REG-02, REG-03).

    With `declares: end-customer` the account is at work; refresh the token to get the role. Without, search for an
    organisation and join or create it. Later changes: `POST /profile/changes` and `POST /password-changes`.
    """
    password_hash = await profile.first_password(body, run.caller, pool)
    if isinstance(password_hash, Refusal):
        raise ProblemError(password_hash)
    return await run(partial(profile.complete_profile, by=run.caller, password_hash=password_hash), body)


@router.post("/profile/changes", response_model=ProfileView, responses=CHANGED, summary="Change one's personal data")
async def change_profile(
    body: ChangeProfile,
    run: Annotated[Run, Depends(command("accounts:own"))],
    if_match: Annotated[
        str | None,
        Header(description="ETag of the profile that the change is meant for; left out, it is not checked."),
    ] = None,
) -> Response:
    """Change names, phone, language or the keep-me-informed default (REG-05, S48); what is left out stays."""
    return await run(partial(profile.change_profile, by=run.caller, if_match=if_match), body)
