"""Registration: contacts, orders with their certificates, and products that redeem a unit of one."""
