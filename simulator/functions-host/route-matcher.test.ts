// Tests which paths a route template takes, and what it reads out of them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRouteMatcher } from './route-matcher.ts';

describe('a route template', () => {
  const cases: [template: string, path: string, params: Record<string, string> | undefined][] = [
    ['api/calls', '/api/calls', {}],
    ['api/calls', '/API/Calls/', {}],
    ['api/calls', '/api/calls/1', undefined],
    ['api/calls', '/api/callsx', undefined],
    ['calls/{callId}', '/calls/in-1', { callId: 'in-1' }],
    ['calls/{callId}', '/calls', undefined],
    ['calls/{callId}', '/calls/a/b', undefined],
    ['calls/{callId}', '/calls/a%2Fb%20c', { callId: 'a/b c' }],
    ['acs/{callId?}', '/acs', {}],
    ['acs/{callId?}', '/acs/', {}],
    ['acs/{callId?}', '/acs/x', { callId: 'x' }],
    ['page/{n=7}', '/page', { n: '7' }],
    ['page/{n=7}', '/page/8', { n: '8' }],
    ['files/{*rest}', '/files', {}],
    ['files/{*rest}', '/files/a/b.txt', { rest: 'a/b.txt' }],
    ['items/{id:int}', '/items/-12', { id: '-12' }],
    ['items/{id:int}', '/items/12a', undefined],
    ['items/{id:guid}', '/items/00000000-0000-4000-8000-000000000001', { id: '00000000-0000-4000-8000-000000000001' }],
    ['items/{id:guid}', '/items/1', undefined],
    ['report/{name}.{extension?}', '/report/may.pdf', { name: 'may', extension: 'pdf' }],
    ['report/{name}.{extension?}', '/report/may', { name: 'may' }],
    ['a.b', '/aXb', undefined],
    ['', '/', {}],
  ];
  for (const [template, path, params] of cases) {
    it(`"${template}" ${params ? 'takes' : 'leaves'} ${path}`, () => {
      assert.deepEqual(createRouteMatcher(template)(path), params);
    });
  }

  it('is refused with a constraint that is not known', () => {
    assert.throws(() => createRouteMatcher('x/{id:regex}'), /constraint "regex"/);
  });

  it('throws for an escape that cannot be read', () => {
    assert.throws(() => createRouteMatcher('x/{id}')('/x/%E0%A4%A'), URIError);
  });
});
