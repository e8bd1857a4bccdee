/** Classes of the published rule tests that the masker leaves alone on purpose. `kind` is `tp` where not said. */
export const unsupportedClasses = [];
