-- What the plan of a growth batch lets a source take; no row where there is no plan.
SELECT quota FROM growth_plans WHERE batch = $batch AND source = $source
