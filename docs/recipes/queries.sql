-- Queries on the tables of a corpus. In the folder that holds out/:  duckdb < queries.sql
-- A column `run` comes with hive_partitioning; the tables' own columns are explained in docs/reference/tables.md.

create view documents as select * from read_parquet('out/documents/*/*.parquet', hive_partitioning = true);
create view paragraphs as select * from read_parquet('out/paragraphs/*/*.parquet', hive_partitioning = true);
create view passages as select * from read_parquet('out/passages/*/*.parquet', hive_partitioning = true);
create view ledger as select * from read_parquet('out/ledger/*/*.parquet', hive_partitioning = true);

-- 1. Latest versions only: without what a later version of the article has taken the place of.
create view articles as
select * from documents
where superseded_by is null
  and doc_id not in (select revision_of from documents where revision_of is not null);

-- 2. The canonical corpus: every article in its latest version, without paragraphs that stand elsewhere.
select doc_id, outlet, published, title, canonical_text
from articles
where duplicate_of is null and canonical_text <> ''
order by published, doc_id;

-- 3. Articles of a day.
select published::date as day, outlet, count(*) as articles, sum(n_words) as words
from articles
where published is not null
group by all
order by day, articles desc, outlet;

-- 4. Who prints whose words: passages, their words and the median delay, from outlet to outlet.
select canonical.outlet as from_outlet, copy.outlet as to_outlet, count(*) as passages,
       median(date_diff('minute', canonical.published, copy.published)) / 60 as median_delay_hours
from passages as copy
join passages as canonical on canonical.cluster_id = copy.cluster_id and canonical.is_canonical
where not copy.is_canonical and not copy.revision and copy.outlet <> canonical.outlet
group by all
order by passages desc, from_outlet, to_outlet;

-- 5. The passages that most outlets print, each with the text of its first copy. Places are code points, from 0.
select count(distinct passages.outlet) as outlets, any_value(first.text) as text
from passages
join (
    select cluster_id, substring(paragraphs.text, passages.start + 1, passages.end - passages.start) as text
    from passages join paragraphs using (doc_id, paragraph)
    where passages.is_canonical
) as first using (cluster_id)
group by cluster_id
having outlets > 1
order by outlets desc, text
limit 20;

-- 6. Every version of one passage, the one with most copies: who had it first, and where the words differ.
select outlet, published, similarity, numbers_differ, contradicts,
       substring(paragraphs.text, passages.start + 1, passages.end - passages.start) as text
from passages join paragraphs using (doc_id, paragraph)
where cluster_id = (select cluster_id from passages group by all order by count(*) desc, cluster_id limit 1)
order by passages.is_canonical desc, published, outlet;

-- 7. Words cut or moved, by rule: the rules that cost most words first.
select reason, rule, count(*) as times, sum(len(string_split_regex(trim(before), '\s+'))) as words
from ledger
where stage = 'noise' and action in ('cut', 'moved') and before is not null
group by all
order by words desc, times desc;

-- 8. Noise by outlet: the share of the words of each outlet that was cut.
select outlet, cut_words, cut_words / (cut_words + kept_words) as cut_share
from (select outlet, sum(n_words) as kept_words from documents group by all)
join (
    select outlet, sum(len(string_split_regex(trim(before), '\s+'))) as cut_words
    from ledger join documents using (doc_id)
    where stage = 'noise' and action = 'cut'
    group by all
) using (outlet)
order by cut_share desc;

-- 9. What one article lost, and why: put a doc_id of your own in.
select stage, action, reason, rule, before
from ledger
where doc_id = (select min(doc_id) from documents) and action in ('cut', 'moved')
order by stage, start;

-- 10. Inputs that became no document.
select stage, action, reason, count(*) as times, min(source_uri) as example
from ledger
where action in ('failed', 'skipped')
group by all
order by times desc;

-- 11. Whole articles that are copies, with their originals.
select copy.outlet, copy.title, original.outlet as original_outlet, original.title as original_title,
       copy.duplicate_share
from documents as copy join documents as original on original.doc_id = copy.duplicate_of
order by copy.duplicate_share desc;

-- 12. Agencies: how much of each outlet's text is theirs, others' or its own.
select outlet, origin, sum(paragraphs.n_words) as words
from paragraphs join articles using (doc_id)
group by all
order by outlet, words desc;

-- 13. Languages and kinds of pages.
select language, page_kind, count(*) as articles, sum(n_words) as words
from articles
group by all
order by articles desc;
