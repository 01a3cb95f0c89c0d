"""What Prometheus scrapes at /metrics; no ids in labels."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

COMMANDS: Final = Counter("aftercare_commands_total", "Commands by operation and outcome", ["operation", "outcome"])
COMMAND_SECONDS: Final = Histogram("aftercare_command_duration_seconds", "From request to answer", ["operation"])
EVENTS: Final = Counter("aftercare_events_total", "Messages taken from topics", ["topic", "outcome"])
RETRIES: Final = Counter("aftercare_retries_total", "Waits in place for a broken database")
RELAYED: Final = Counter("aftercare_relayed_total", "Messages acknowledged by Kafka", ["topic"])
DEAD_LETTERS: Final = Counter("aftercare_dead_letters_total", "Messages set aside", ["topic", "error_class"])
DEAD_LETTERS_WAITING: Final = Gauge("aftercare_dead_letters_waiting", "Dead letters that wait for a redrive")
TIMERS: Final = Counter("aftercare_timers_fired_total", "Timers that went off")
OUTBOX_OLDEST: Final = Gauge("aftercare_outbox_oldest_seconds", "Age of the oldest unsent message; 0 when none waits")
