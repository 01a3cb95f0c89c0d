"""The toy's api process: `python -m tests.bench.ours`, settings from the environment."""

import uvloop
from tests.bench.toy import TOY

from chassis.logs import set_up_logs
from chassis.process import Process
from chassis.settings import Settings, read_settings

if __name__ == "__main__":
    settings = read_settings(Settings)
    set_up_logs("bench", "api", "json", "warning")
    uvloop.run(Process(TOY, settings).run("api"))
