// Whose metrics can be shown too? One line each; the keys are the values of `exporter.compatibility` in config.

import type { Compatibility } from './compatibility.ts';
import { kminion } from './kminion.ts';
import { rocketmqExporter } from './rocketmq-exporter.ts';

export const compatibilities = {
  kminion,
  'rocketmq-exporter': rocketmqExporter,
} satisfies Record<string, Compatibility>;
