// The product's look-ups of jobs over the real client, against the stand-in: hybrid, semantic where the index can, and what is refused.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { silentLogger as log } from '../../shared/logger.ts';
import { JobIndex } from '../../shared/tools/services/job-index.ts';
import { openJobs } from './jobs.ts';
import { startSearch } from './search-service.ts';

const service = await startSearch({
  key: 'k',
  index: { name: 'jobs', documents: openJobs, semantic: true, vectorField: 'content_vector' },
});
after(() => service.stop());
const { signal } = new AbortController();
const open = (options: { key?: string; index?: string } = {}) =>
  new JobIndex({
    endpoint: service.url,
    index: 'jobs',
    key: 'k',
    credential: () => assert.fail('there is a key'),
    vectorField: 'content_vector',
    log,
    ...options,
  });
const lastBody = () => JSON.parse(service.requests.at(-1)!.body) as Record<string, unknown>;

describe('the index of jobs', () => {
  it('is asked by words and by meaning at once, and ranks by what was meant', async () => {
    const [best] = await open().search('carpenter in Bellevue', 2, signal);
    assert.equal(best?.id, 'carpenter-bellevue');
    assert.deepEqual(lastBody(), {
      search: 'carpenter in Bellevue',
      queryType: 'semantic',
      select: '*',
      top: 2,
      vectorQueries: [{ kind: 'text', text: 'carpenter in Bellevue', fields: 'content_vector', k: 50 }],
    });
  });

  it('finds by likeness what no word of the question stands in', async () => {
    const [best] = await open().search('upholstery', 1, signal);
    assert.equal(best?.id, 'upholsterer-seattle');
  });

  it('goes without what the index cannot do, and asks for it no more', async (t) => {
    t.after(() => Object.assign(service.index, { semantic: true, vectorField: 'content_vector' }));
    Object.assign(service.index, { semantic: false, vectorField: undefined });
    const jobs = open();
    assert.equal((await jobs.search('carpenter', 1, signal))[0]?.id, 'carpenter-bellevue');
    const asked = service.requests.length;
    await jobs.search('planner', 1, signal);
    assert.equal(service.requests.length, asked + 1);
    assert.deepEqual(lastBody(), { search: 'planner', queryType: 'simple', select: '*', top: 1 });
  });

  it('gives one job by its id, or none', async () => {
    assert.equal((await open().find('planner-remote', signal))?.title, 'Production planner');
    assert.equal(await open().find('nothing', signal), undefined);
  });

  it('leaves out vectors and what is empty', async (t) => {
    t.after(() => Object.assign(service.index, { documents: openJobs }));
    const vector = Array.from({ length: 1_536 }, (_, index) => index / 7);
    Object.assign(service.index, {
      documents: [{ id: 'a', title: 'A', note: null, content_vector: vector, days: [1, 2] }],
    });
    assert.deepEqual(await open().find('a', signal), { id: 'a', title: 'A', days: [1, 2] });
    assert.deepEqual(await open().search('a', 1, signal), [{ id: 'a', title: 'A', days: [1, 2] }]);
  });

  it('says what is wrong when it is refused, and tries once more when the service is busy', async () => {
    const failed = { code: 'TOOL_FAILED', message: /Azure AI Search does not answer \(403\)/ };
    await assert.rejects(open({ key: 'wrong' }).search('x', 1, signal), failed);
    await assert.rejects(
      open({ index: 'other' })
        .find('x', signal)
        .then((found) => assert.notEqual(found, undefined)),
    );
    service.faults.add({ instead: { status: 503 } });
    assert.equal((await open().search('carpenter', 1, signal)).length, 1);
    service.faults.add({ instead: 'cut', times: 2 });
    await assert.rejects(open().search('carpenter', 1, signal), { code: 'TOOL_FAILED' });
  });

  it('stops when nobody waits any more', async () => {
    service.faults.add({ instead: 'silence' });
    const abort = new AbortController();
    const asked = open().search('carpenter', 1, abort.signal);
    setTimeout(() => abort.abort(), 50);
    await assert.rejects(asked);
  });
});
