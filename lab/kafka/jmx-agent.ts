// Runs a JMX agent in the lab's Kafka brokers, fetched like their jars.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../core/errors.ts';
import { brokerJars, type JarsIo } from '../broker-jars.ts';
import type { Release } from '../release.ts';

const releases = {
  prometheus: {
    product: 'jmx-prometheus',
    title: 'the Prometheus JMX agent',
    version: '1.0.1',
    artefacts: [{ group: 'io.prometheus.jmx', artefact: 'jmx_prometheus_javaagent', version: '1.0.1' }],
    complete: ['1.0.1'],
  },
  jolokia: {
    product: 'jolokia',
    title: 'the Jolokia agent',
    version: '2.2.9',
    artefacts: [{ group: 'org.jolokia', artefact: 'jolokia-agent-jvm', version: '2.2.9', classifier: 'javaagent' }],
    complete: ['2.2.9'],
  },
} as const satisfies Record<string, Release>;

export type JmxAgentName = keyof typeof releases;
export const jmxAgentNames = Object.keys(releases) as JmxAgentName[];

export type JmxAgent = Awaited<ReturnType<typeof fetchJmxAgent>>;

/** @throws AppError prerequisite-missing, lab-failed */
export async function fetchJmxAgent(name: JmxAgentName, cache: string, io: JarsIo) {
  const release = releases[name];
  const folder = await brokerJars(release, cache, io);
  const jar = (await readdir(folder)).find((file) => file.startsWith(release.artefacts[0].artefact));
  if (jar === undefined) throw new AppError('lab-failed', `${release.title} is not among its jars in ${folder}`);
  return { name, jar: join(folder, jar) };
}

/** Exports every bean with the agent's default name; custom rules would rename them. */
export const jmxRules = `rules:
  - pattern: ".*"
`;
export const jmxRulesFile = 'jmx.yaml';

export const javaAgentOption = ({ name, jar }: JmxAgent, host: string, port: number) =>
  name === 'prometheus'
    ? `-javaagent:${jar}=${host}:${port}:${jmxRulesFile}`
    : `-javaagent:${jar}=host=${host},port=${port},discoveryEnabled=false`;

export const jmxUrl = (name: JmxAgentName, host: string, port: number) =>
  `http://${host}:${port}/${name === 'prometheus' ? 'metrics' : 'jolokia/'}`;
