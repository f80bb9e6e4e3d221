import { expect, it } from 'vitest';
import { provinceCode } from '../shared/region';

it('a place in words has the code of its province', () => {
  expect(provinceCode('湖南省长沙市岳麓区')).toBe('430000');
  expect(provinceCode(' 内蒙古呼和浩特')).toBe('150000');
  expect(provinceCode('上海市浦东新区')).toBe('310000');
});

it('a place without its province has none', () => {
  expect(provinceCode('岳麓区')).toBeUndefined();
  expect(provinceCode('')).toBeUndefined();
});
