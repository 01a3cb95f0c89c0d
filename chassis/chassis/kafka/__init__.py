"""The only room that knows aiokafka and faust; everything else sees records, batches and a stop event."""
