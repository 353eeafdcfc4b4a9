"""One set of scenarios, run in the simulation and on real servers, and what the two must agree on."""
