"""What registration ought to do with units, products and claims, in memory and as short as possible."""

from dataclasses import dataclass, field

Service = str
ALREADY = "serial-already-registered"
DIFFERENT = "serial-registered-differently"
EXHAUSTED = "certificate-exhausted"


@dataclass
class Cert:
    """A certificate: `taken` and `back` are the redemptions with an entry of that kind."""

    service: Service
    quantity: int
    taken: list[str] = field(default_factory=list)
    back: list[str] = field(default_factory=list)

    @property
    def left(self) -> int:
        return self.quantity - len(self.taken) + len(self.back)


@dataclass
class Claim:
    """What a claimant wanted; `contest_id` while it is open."""

    cert: Cert
    day: str
    contest_id: str


@dataclass
class Item:
    """A product: whose, since when, with which services, claimed by whom; nobody's without an owner."""

    owner: int | None = None
    day: str = ""
    running: dict[Service, tuple[str, Cert]] = field(default_factory=dict)
    ended: dict[str, Cert] = field(default_factory=dict)
    claims: dict[int, Claim] = field(default_factory=dict)
    given_up: bool = False

    def answer_to(self, cert: Cert, customer: int, day: str) -> str:
        """What a registration is answered: `contest`, a refusal's code, or `registered`."""
        if self.owner is not None:
            if self.owner != customer:
                return "contest"
            if self.day != day:
                return DIFFERENT
            if cert.service in self.running:
                return ALREADY
        return "registered" if cert.left else EXHAUSTED

    def register(self, cert: Cert, customer: int, day: str, redemption_id: str) -> None:
        self.owner, self.day, self.given_up = customer, day, False
        self.running[cert.service] = redemption_id, cert
        cert.taken.append(redemption_id)

    def refuse(self, redemption_id: str) -> None:
        """Activation has no such service: the unit comes back, once, even when it went with a lease meanwhile."""
        if not self.give_back(redemption_id) and (cert := self.ended.pop(redemption_id, None)):
            cert.back.append(redemption_id)

    def give_back(self, redemption_id: str) -> bool:
        """Whether the unit was running and has come back."""
        for service, (running, cert) in self.running.items():
            if running == redemption_id:
                cert.back.append(redemption_id)
                del self.running[service]
                return True
        return False

    def cancel(self, redemption_id: str) -> bool:
        """As `give_back`; without any service left the product is nobody's then, or as soon as nobody claims it."""
        done = self.give_back(redemption_id)
        if done and not self.running:
            self.given_up = True
            self.let_go()
        return done

    def dismiss(self, claimant: int) -> None:
        """The holder keeps the product against a claimant, unless nobody is interested any more."""
        del self.claims[claimant]
        self.let_go()

    def let_go(self) -> None:
        if self.given_up and not self.claims:
            self.owner, self.given_up = None, False

    def transfer_to(self, customer: int | None) -> str:
        """What a sale today, or to None a lease return, is answered: a refusal's code, or `transferred`."""
        if self.owner is None:
            return "not-found"
        if self.claims:
            return "product-contested"
        if customer == self.owner:
            return "customer-unchanged"
        if customer is None:
            self.ended |= dict(self.running.values())
            self.running.clear()
        self.owner = customer
        return "transferred"

    def award(self, claimant: int) -> Claim:
        """Give the product to a claimant; whether there is a unit to redeem is for the caller to see."""
        claim = self.claims.pop(claimant)
        for redemption_id, _ in list(self.running.values()):
            self.give_back(redemption_id)
        self.owner, self.day, self.given_up = claimant, claim.day, False
        return claim
