import fc from 'fast-check'

/**
 * The properties of the suite are tried with the same values each time, so that what fails is what has changed.
 * PROPERTY_SEED=random, or a number, tries others.
 */
const asked = process.env.PROPERTY_SEED ?? '1'
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: asked === 'random' ? Date.now() : Number(asked) })

export { fc }
