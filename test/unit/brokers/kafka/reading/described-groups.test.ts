import { expect, test } from 'vitest';
import { describes } from '../../../../../brokers/kafka/reading/groups.ts';
import { answeringConnection } from '../../../../support/answering-connection.ts';

/*
 * Written by the serializers of Apache's kafka-clients 4.3.1. Share: the group audit with one member. Streams: the group words with
 * a member of active tasks 0_0, 0_1 and 1_1, a standby task 1_0 and an endpoint on port 65535, and one without tasks; subtopology 0
 * reads orders and refunds, subtopology 1 the repartition topic words-counts. Then the group gone with GROUP_ID_NOT_FOUND.
 */
const answers = {
  share:
    'AAAAAAIAAAAGYXVkaXQHU3RhYmxlAAAAAAAAAAAHc2ltcGxlAgRzLTECcgAAAAIGYXBwLTEKLzEwLjAuMC43AgdvcmRlcnMCAAAAAAAAAAAAAAAAAAAAAAdv' +
    'cmRlcnMDAAAAAAAAAAIAAACAAAAAAAA=',
  streams:
    'AAAAAAMAAAAGd29yZHMHU3RhYmxlAAAABQAAAAUBAAAAAwMCMAMHb3JkZXJzCHJlZnVuZHMCDXdvcmRzLWNvdW50cwEBAAIxAQECDHdvcmRzLXN0b3JlAAAAAAAA' +
    'AQACDXdvcmRzLWNvdW50cwAAAAIAAQIPY2xlYW51cC5wb2xpY3kHZGVsZXRlAAAAAAMEbS0xAAAABQRpLTEEci0xBmFwcC0xCi8xMC4wLjAuNwAAAAMEcC0xAQRh' +
    'cHD//wACBXpvbmUCYQACAjEAAAAAAAAAAAAAAAkAAQMCMAMAAAAAAAAAAQACMQIAAAABAAICMQIAAAAAAAEAAgIwAgAAAAAAAQEAAAAEbS0yAAAAAAAABmFwcC0y' +
    'Ci8xMC4wLjAuOAAAAAAEcC0y/wEBAQEBAQABAQEAAACAAAAAAABFCm5vdCBmb3VuZAVnb25lBURlYWQAAAAAAAAAAP8BgAAAAAAA',
};

async function exchanged(kind: keyof typeof answers) {
  const { connection, sent } = answeringConnection(Buffer.from(answers[kind], 'base64'));
  return { answer: await describes[kind].async(connection, ['words']), request: sent.body?.toString('base64') };
}

test('reads the members of a share group and their partitions', async () => {
  const assigned = [{ topic: 'orders', partitions: [0, 2] }];
  const members = [{ memberId: 's-1', clientId: 'app-1', clientHost: '/10.0.0.7', assigned }];
  const groups = [{ errorCode: 0, groupId: 'audit', groupState: 'Stable', members }];
  expect((await exchanged('share')).answer).toEqual({ groups });
});

test('reads the members of a streams group and the partitions that their active tasks read', async () => {
  const { request, answer } = await exchanged('streams');
  expect(request).toBe('AgZ3b3JkcwAA');
  const assigned = [
    { topic: 'orders', partitions: [0, 1] },
    { topic: 'refunds', partitions: [0, 1] },
    { topic: 'words-counts', partitions: [1] },
  ];
  const members = [
    { memberId: 'm-1', clientId: 'app-1', clientHost: '/10.0.0.7', assigned },
    { memberId: 'm-2', clientId: 'app-2', clientHost: '/10.0.0.8', assigned: [] },
  ];
  const groups = [
    { errorCode: 0, groupId: 'words', groupState: 'Stable', members },
    { errorCode: 69, groupId: 'gone', groupState: 'Dead', members: [] },
  ];
  expect(answer).toEqual({ groups });
});
