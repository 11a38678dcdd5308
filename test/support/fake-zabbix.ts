// Serves the Zabbix API methods that we call, as documented for 7.0 and 6.0.

import { startScriptedHttp, type ScriptedHttp } from './scripted-http.ts';

export interface FakeItem {
  itemid: string;
  host: string;
  key: string;
  units?: string;
  /** 0 float, 3 unsigned. */
  valueType?: '0' | '3';
  everySeconds: number;
  at(clock: number): number;
  /** Start of the history; older samples were deleted, and only their hourly trends remain. */
  historySince?: number;
}

interface Call {
  id: number;
  method: string;
  auth?: string;
  params: {
    itemids?: string[];
    time_from?: number;
    time_till?: number;
    history?: number;
    limit?: number;
    filter?: { name: string[] };
    search?: { key_: string[] };
  };
}

export const zabbixToken = '3159081342a5f2f5b8f7c4d1e0a9b6c3';

export async function startFakeZabbix(items: readonly FakeItem[], { version = '7.0.3' } = {}): Promise<ScriptedHttp> {
  const isByHeader = !/^[0-5]\.|^6\.[0-3]/.test(version);
  return startScriptedHttp(({ headers, body }, response) => {
    const { id, method, auth, params } = JSON.parse(body) as Call;
    const reply = (document: object) => response.end(JSON.stringify({ jsonrpc: '2.0', ...document, id }));
    if (method === 'apiinfo.version') return reply({ result: version });
    const given = isByHeader ? headers.authorization?.replace('Bearer ', '') : auth;
    if (given !== zabbixToken) {
      return reply({ error: { code: -32602, message: 'Invalid params.', data: 'Not authorized.' } });
    }
    const asked = items.filter(({ itemid }) => params.itemids?.includes(itemid));
    const limited = <Row>(rows: Row[]) => rows.slice(0, params.limit ?? rows.length);
    if (method === 'hostgroup.get') {
      return reply({ result: params.filter?.name.includes('Kafka') === true ? [{ groupid: '7' }] : [] });
    }
    if (method === 'item.get') return reply({ result: items.map(described) });
    if (method === 'history.get') {
      const rows = asked
        .filter(({ valueType = '0' }) => Number(valueType) === params.history)
        .flatMap((item) =>
          clocksOf(item, params).map((clock) => ({
            itemid: item.itemid,
            clock: String(clock),
            value: String(item.at(clock)),
            ns: '0',
          })),
        );
      return reply({ result: limited(rows.toSorted((a, b) => Number(a.clock) - Number(b.clock))) });
    }
    if (method === 'trend.get') {
      const rows = asked.flatMap((item) => {
        const { time_from: from = 0, time_till: to = 0 } = params;
        const hours = [];
        for (let clock = Math.ceil(from / 3600) * 3600; clock <= to; clock += 3600) {
          hours.push({
            itemid: item.itemid,
            clock: String(clock),
            num: '60',
            value_min: '0',
            value_avg: String(item.at(clock + 1800)),
            value_max: '0',
          });
        }
        return hours;
      });
      return reply({ result: limited(rows) });
    }
    return reply({ error: { code: -32601, message: 'Method not found.', data: method } });
  });
}

function described({ itemid, host, key, units = '', valueType = '0', at }: FakeItem): object {
  return { itemid, key_: key, units, value_type: valueType, lastvalue: String(at(0)), hosts: [{ hostid: '1', host }] };
}

function clocksOf(
  { everySeconds, historySince = 0 }: FakeItem,
  { time_from: from = 0, time_till: to = 0 }: Call['params'],
): number[] {
  const clocks = [];
  for (let clock = Math.ceil(from / everySeconds) * everySeconds; clock <= to; clock += everySeconds) {
    if (clock >= historySince) clocks.push(clock);
  }
  return clocks;
}

/** Items of a Kafka broker with the templates that Zabbix ships: they store rates, not counters. */
export function zabbixBroker(host: string, first: number, { everySeconds = 60 } = {}): FakeItem[] {
  const rate = (clock: number) => 1000 + (clock % 3600) / 3.6;
  const items: Omit<FakeItem, 'itemid' | 'host' | 'everySeconds'>[] = [
    { key: 'system.cpu.util[,idle]', units: '%', at: () => 60 },
    { key: 'system.cpu.util', units: '%', at: () => 40 },
    { key: 'system.cpu.util[,iowait]', units: '%', at: () => 10 },
    { key: 'system.cpu.num', valueType: '3', at: () => 8 },
    { key: 'system.cpu.load[all,avg1]', at: () => 2.5 },
    { key: 'vm.memory.size[total]', units: 'B', valueType: '3', at: () => 32e9 },
    { key: 'vm.memory.size[available]', units: 'B', valueType: '3', at: () => 20e9 },
    { key: 'net.if.in["eth0"]', units: 'bps', valueType: '3', at: (clock) => Math.round(rate(clock) * 500 * 8) },
    { key: 'net.if.out["eth0"]', units: 'bps', valueType: '3', at: (clock) => Math.round(rate(clock) * 1000 * 8) },
    { key: 'net.if.in["lo"]', units: 'bps', valueType: '3', at: () => 8 },
    { key: 'vfs.dev.util[sda]', units: '%', at: () => 30 },
    { key: 'vfs.dev.write[sda,bps]', units: 'Bps', at: () => 1e6 },
    { key: 'system.uptime', units: 'uptime', valueType: '3', at: (clock) => clock },
    { key: 'jmx["kafka.server:type=BrokerTopicMetrics,name=MessagesInPerSec","Count"]', at: rate },
    {
      key: 'jmx["kafka.server:type=KafkaRequestHandlerPool,name=RequestHandlerAvgIdlePercent","OneMinuteRate"]',
      units: '%',
      at: () => 75,
    },
    { key: 'proc.num[java]', valueType: '3', at: () => 1 },
  ];
  return items.map((item, index) => ({ ...item, host, itemid: String(first + index), everySeconds }));
}
