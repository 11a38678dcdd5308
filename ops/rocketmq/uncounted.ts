// Lists the waiting messages that a broker stores in RocksDB, where no request can count them.

export const waitingKinds = ['timer', 'transaction', 'pop'] as const;
export type WaitingKind = (typeof waitingKinds)[number];

export const uncounted = {
  timer: {
    setting: 'timerRocksDBEnable',
    records: { en: 'timers', zh: '定时消息' },
    messages: { en: 'timer messages', zh: '等待投递的定时消息' },
  },
  // No group commits in RMQ_SYS_ROCKSDB_TRANS_HALF_TOPIC.
  transaction: {
    setting: 'transRocksDBEnable',
    records: { en: 'half messages', zh: '半消息' },
    messages: { en: 'transactions without outcome', zh: '未决事务' },
  },
  // No request of 5.3.2 and later lists the records of PopConsumerKVStore.
  pop: {
    setting: 'popConsumerKVServiceEnable',
    records: { en: 'pop records', zh: ' POP 记录' },
    messages: { en: 'messages that are popped and not acknowledged', zh: '已弹出但未确认的消息' },
  },
} as const;

/** @param settings of the broker; all of these are off by default */
export function uncountedIn(settings: ReadonlyMap<string, string> | undefined): readonly WaitingKind[] {
  const isOn = (kind: WaitingKind) => settings?.get(uncounted[kind].setting) === 'true';
  const isUncounted: Readonly<Record<WaitingKind, boolean>> = {
    // Earlier timers stay in RocksDB even after switching back to the wheel.
    timer: isOn('timer'),
    // Otherwise half messages are in RMQ_SYS_TRANS_HALF_TOPIC, where they can be counted.
    transaction: isOn('transaction') && settings?.get('transWriteOriginTransHalfEnable') === 'false',
    pop: isOn('pop'),
  };
  return waitingKinds.filter((kind) => isUncounted[kind]);
}

export function uncountedText(kind: WaitingKind): { en: string; zh: string } {
  const { messages, setting } = uncounted[kind];
  return { en: `${messages.en} cannot be counted (${setting})`, zh: `无法统计${messages.zh}（${setting}）` };
}
