// Sets seed and number of runs of the property tests.

import fc from 'fast-check';
import { fullMatrix } from './prerequisites.ts';

fc.configureGlobal({ seed: 20_260_607, numRuns: fullMatrix ? 50_000 : 200, verbose: fc.VerbosityLevel.Verbose });
