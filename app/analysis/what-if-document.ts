// Makes the document of `plimsoll analyze --what-if CHANGES --json`.

import type { WhatIf } from '../../analyzer/planning/what-if/what-if.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import { whatIfSchemaVersion, type WhatIfDocument } from '../../core/documents/what-if.ts';

export function whatIfDocument(measured: Analysis, alternatives: readonly WhatIf[]): WhatIfDocument {
  return {
    schemaVersion: whatIfSchemaVersion,
    measured,
    alternatives: alternatives.map((each) => {
      const { measured: _, ...answer } = each;
      return answer;
    }),
  };
}
