import type { Numbered } from './play.ts'
import { canIDeploy } from './steps/can-i-deploy.ts'
import { check } from './steps/check.ts'
import { forcedLive } from './steps/forced-live.ts'
import { pactTest } from './steps/pact-test.ts'
import { typeChecker } from './steps/type-checker.ts'
import { workingSystem } from './steps/working-system.ts'

/** The story, in its order: 0 is the working system, and 1 to 5 catch the mistake. */
export const STORY: readonly Numbered[] = [workingSystem, typeChecker, check, pactTest, canIDeploy, forcedLive].map(
  (step, number) => ({ number, step }),
)
