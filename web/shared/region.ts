// GB/T 2260 codes of the 34 province-level units. An address says its place in words; its code is that of the province.

const PROVINCES: Record<string, string> = {
  北京: '110000', 天津: '120000', 河北: '130000', 山西: '140000', 内蒙古: '150000', 辽宁: '210000', 吉林: '220000', 黑龙江: '230000',
  上海: '310000', 江苏: '320000', 浙江: '330000', 安徽: '340000', 福建: '350000', 江西: '360000', 山东: '370000', 河南: '410000',
  湖北: '420000', 湖南: '430000', 广东: '440000', 广西: '450000', 海南: '460000', 重庆: '500000', 四川: '510000', 贵州: '520000',
  云南: '530000', 西藏: '540000', 陕西: '610000', 甘肃: '620000', 青海: '630000', 宁夏: '640000', 新疆: '650000', 台湾: '710000',
  香港: '810000', 澳门: '820000',
};

/** "湖南省长沙市岳麓区" is 430000; undefined when the text does not begin with a province. */
export function provinceCode(place: string): string | undefined {
  const text = place.trim();
  return Object.entries(PROVINCES).find(([name]) => text.startsWith(name))?.[1];
}

/** "湖南" of 430000; undefined when the code is not that of a province. */
export function provinceName(code: string): string | undefined {
  return Object.entries(PROVINCES).find(([, known]) => known === code)?.[0];
}
