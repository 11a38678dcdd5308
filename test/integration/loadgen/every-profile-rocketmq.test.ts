// Compares all counts of a run with the offsets of RocketMQ 5.5.0, for every profile and option.

import { testEveryProfile } from '../../support/every-rocketmq-profile.ts';

testEveryProfile('5.5.0', 'test/integration/loadgen/every-profile-rocketmq.test.ts');
