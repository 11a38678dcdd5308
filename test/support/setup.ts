// Which inputs do properties see? The same in every run: a fixed seed, and more than a million in all in the full matrix.

import fc from 'fast-check';
import { fullMatrix } from './prerequisites.ts';

fc.configureGlobal({ seed: 20_260_607, numRuns: fullMatrix ? 50_000 : 200, verbose: fc.VerbosityLevel.Verbose });
