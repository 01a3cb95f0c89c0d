"""One mail per event and recipient: queued when the event is heard, written and handed over by the sender."""
