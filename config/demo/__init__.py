"""The demo account: its users, its flow and its addresses, and the endpoint its flow calls."""
