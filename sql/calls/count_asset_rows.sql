-- Input rows of each asset and growth batch, as last materialised.
SELECT asset, batch, rows_in FROM materializations
