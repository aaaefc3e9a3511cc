"""WebAuthn inside PostgreSQL: the schema `webauthn`, its four functions, and two ways to verify behind them."""
