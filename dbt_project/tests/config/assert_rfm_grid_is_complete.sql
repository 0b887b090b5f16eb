-- Returns a grid that does not have each of its 125 cells.
select
    grid,
    count(*) as cell_count
from {{ ref('rfm_grid') }}
group by grid
having count(*) <> 125
