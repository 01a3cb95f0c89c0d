-- Products that nobody uses after a lease, and services that end before their time.

ALTER TABLE products ALTER COLUMN customer_id DROP NOT NULL;  -- none: back with the lessor

CREATE TABLE endings (  -- kept by themselves: one may be heard before the service that it ends
  activation_id uuid PRIMARY KEY,
  ended_on date NOT NULL
);
