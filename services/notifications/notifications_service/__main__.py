"""Everything that makes up the service; `python -m notifications_service api | worker | relay | all | migrate`."""

from typing import Final

from chassis.main import main
from chassis.service import Service
from notifications_service.mails.api import router
from notifications_service.mails.sender import send_mails
from notifications_service.policy import BOOK
from notifications_service.routes import HEARS
from notifications_service.settings import MailSettings

SERVICE: Final = Service(
    name="notifications",
    policies=BOOK,
    routers=(router,),
    hears=HEARS,
    errands=(send_mails,),
    settings=MailSettings,
)

if __name__ == "__main__":
    main(SERVICE)
