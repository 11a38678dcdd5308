// Compares all counts of a run with the offsets of RocketMQ 4.9.7, for every profile and option.

import { testEveryProfile } from '../../support/every-rocketmq-profile.ts';

testEveryProfile('4.9.7', 'test/integration/loadgen/every-profile-rocketmq-4.test.ts');
