"""The command `wethink`: what people type. Thin over the rooms; no rule of the domain lives here."""
