// Implements `plimsoll lab status`.

import { traitsOf } from '../../core/broker-kind/registry.ts';
import { paintWith } from '../../core/text/table.ts';
import { bitsPerSecond } from '../../core/units.ts';
import { renderBitRate } from '../../lab/planned-lab.ts';
import { readLabStatus, type LabStatus, type NodeStatus } from '../../lab/lab-status.ts';
import { hasColours } from '../command-line.ts';
import { defineCommand, flag, printDocument } from '../command.ts';
import { labDirectory, stateDirectoryOption } from '../options.ts';
import { defined } from '../../core/defined.ts';

export const labStatusCommand = defineCommand({
  options: {
    'state-dir': stateDirectoryOption,
    json: flag('print one JSON document: { schemaVersion, state, product?, version?, config?, nic?, nodes? }'),
  },
  examples: ['plimsoll lab status', 'plimsoll lab status --json'],

  async run(io) {
    const directory = labDirectory(io);
    const status = readLabStatus(directory);
    const colours = hasColours(io.stdout, io.environment);
    printDocument(io, documentOf(status), () => renderText(status, directory, colours));
  },
});

function documentOf(status: LabStatus): object {
  const { kind, ...rest } = status;
  return {
    schemaVersion: 1,
    state: kind,
    ...('version' in rest && {
      product: rest.product,
      version: rest.version,
      ...('configPath' in rest && { config: rest.configPath }),
      ...(rest.nic && { nic: rest.nic }),
      nodes: rest.nodes.map(({ memory, ...node }) => defined({ ...node, memoryBytes: memory })),
    }),
  };
}

const explanations = {
  ready: 'is up',
  starting: 'is being started',
  interrupted: 'was interrupted while it started; `plimsoll lab down` removes what is left',
} as const;

function renderText(status: LabStatus, directory: string, colours: boolean): string {
  if (status.kind === 'none') return `no lab runs in ${directory}\n`;
  const lines = [
    `${traitsOf(status.product).displayName} ${status.version} ${explanations[status.kind]}`,
    ...status.nodes.flatMap((node) => nodeLines(node, colours)),
    ...(status.nic
      ? [`  network ${renderBitRate(bitsPerSecond(status.nic.bitsPerSecond))} each way (${status.nic.source})`]
      : []),
    ...(status.kind === 'ready' ? [`config: ${status.configPath}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function nodeLines({ name, state, pid, address, memory, log }: NodeStatus, colours: boolean): string[] {
  const fields = [
    `  ${name.padEnd(12)}`,
    paintWith(colours)(state === 'running' ? 'green' : 'red', state.padEnd(8)),
    `pid ${pid}`,
    ...(address === undefined ? [] : [address]),
    ...(memory === undefined ? [] : [`${Math.round(memory / 2 ** 20)} MiB`]),
  ];
  return [fields.join('  '), ...(log === undefined ? [] : [`                log ${log}`])];
}
