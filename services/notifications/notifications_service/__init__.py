"""Notifications: one mail per event and person, in the person's language, by SMTP (NTF)."""
