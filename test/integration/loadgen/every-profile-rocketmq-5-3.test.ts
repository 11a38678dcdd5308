// Compares all counts of a run with the offsets of RocketMQ 5.3.3, for every profile and option.

import { testEveryProfile } from '../../support/every-rocketmq-profile.ts';

testEveryProfile('5.3.3', 'test/integration/loadgen/every-profile-rocketmq-5-3.test.ts');
