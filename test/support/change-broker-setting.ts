// Changes a setting of every broker of a lab: `change-broker-setting.ts CONFIG SETTING VALUE`, run where its brokers can be reached.

import kafkajs from 'kafkajs';
import { openChangeDesk } from '../../brokers/rocketmq/changes/change-desk.ts';
import { loadConfig } from '../../app/config/config-file.ts';

const { ConfigResourceTypes, Kafka } = kafkajs;
const [path = '', setting = '', value = ''] = process.argv.slice(2);
const io = { signal: AbortSignal.timeout(20_000) };
const { lab } = (await loadConfig(path, io)).clusters;
if (lab?.broker === 'kafka') {
  const admin = new Kafka({ brokers: lab.bootstrap }).admin();
  await admin.connect();
  for (const name of Object.keys(lab.brokers)) {
    const resource = { type: ConfigResourceTypes.BROKER, name, configEntries: [{ name: setting, value }] };
    await admin.alterConfigs({ validateOnly: false, resources: [resource] });
  }
  await admin.disconnect();
} else if (lab?.broker === 'rocketmq') {
  await using desk = openChangeDesk('lab', lab);
  for (const { brokers = [] } of await desk.listings(io)) {
    for (const { addresses } of brokers) {
      for (const [, address] of addresses) await desk.set(address, { [setting]: value }, io);
    }
  }
}
