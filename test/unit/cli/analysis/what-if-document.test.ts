import { expect, test } from 'vitest';
import { analyzeRun } from '../../../../analyzer/verdict/analyze-run.ts';
import { examplePolicy } from '../../../support/example-policy.ts';
import { readAlternative } from '../../../../analyzer/planning/what-if/alternative.ts';
import { whatIf } from '../../../../analyzer/planning/what-if/what-if.ts';
import { WhatIfDocument } from '../../../../core/documents/what-if.ts';
import { plainRun } from '../../../support/load-test-run.ts';
import { whatIfDocument } from '../../../../cli/analysis/what-if.ts';

const policy = examplePolicy();

test('the document of alternatives contains exactly the quantities of the schema', () => {
  const asked = [
    'messageBytes=1KiB,groups=2',
    'nic=10gbit,disks=2',
    'compression=0.5,acks=all',
    'brokers=3,replicas=2',
  ];
  const run = plainRun();
  const document = whatIfDocument(analyzeRun(run, policy), whatIf(run, policy, asked.map(readAlternative)));
  const written: unknown = JSON.parse(JSON.stringify(document));
  const quantities = WhatIfDocument.parse(written).alternatives.flatMap(({ carried }) =>
    carried.map(({ quantity }) => quantity),
  );
  expect(new Set(quantities)).toEqual(
    new Set(['messageBytes', 'groups', 'nic', 'disks', 'compression', 'acks', 'brokers', 'replicas']),
  );
});
