// Loads @platformatic/kafka after its option checks were made to compile on first use.

import './late-checks.ts';

export * from '@platformatic/kafka';
