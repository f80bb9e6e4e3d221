// What the operator's page asks about the stock of a show.
import { get, post } from '../shared/api';
import * as inventory from '../shared/gen/livefair/v1/inventory_pb';
import { bulkApi } from './bulk_api';
import type { StockChange, StockSource } from './stocks';

const id = encodeURIComponent;

export const stockApi: StockSource = {
  stocks: (show) => get(`/shows/${id(show)}/stocks`, inventory.ListStocksResponseSchema),
  products: bulkApi.products,
  changeStock: (show, stock, change: StockChange & { id: string }) =>
    post(`/shows/${id(show)}/stocks/${id(stock)}/changes`, inventory.AllocationChangeSchema, change, inventory.AllocationChangeSchema),
};
