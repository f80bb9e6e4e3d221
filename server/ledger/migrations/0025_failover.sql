-- The number of the failover that made the till's server the primary (Redis Sentinel's config-epoch); 0: none is known. A till is rebuilt for no server of an older one.
ALTER TABLE tills ADD COLUMN failover BIGINT NOT NULL DEFAULT 0;
