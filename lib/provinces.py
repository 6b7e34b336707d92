"""Where the regions of the national list stand in the tile diagram: nine columns, eight rows, both counted from 1."""

from typing import NamedTuple


class Region(NamedTuple):
    row: int
    column: int
    name_en: str
    name_zh: str


REGIONS: dict[str, Region] = {
    "黑龙江省": Region(1, 9, "Heilongjiang", "黑龙江"),
    "新疆维吾尔自治区": Region(2, 1, "Xinjiang", "新疆"),
    "新疆生产建设兵团": Region(2, 2, "XPCC", "兵团"),
    "内蒙古自治区": Region(2, 6, "Inner Mongolia", "内蒙古"),
    "吉林省": Region(2, 9, "Jilin", "吉林"),
    "甘肃省": Region(3, 3, "Gansu", "甘肃"),
    "宁夏回族自治区": Region(3, 4, "Ningxia", "宁夏"),
    "陕西省": Region(3, 5, "Shaanxi", "陕西"),
    "山西省": Region(3, 6, "Shanxi", "山西"),
    "北京市": Region(3, 7, "Beijing", "北京"),
    "天津市": Region(3, 8, "Tianjin", "天津"),
    "辽宁省": Region(3, 9, "Liaoning", "辽宁"),
    "西藏自治区": Region(4, 2, "Tibet", "西藏"),
    "青海省": Region(4, 3, "Qinghai", "青海"),
    "四川省": Region(4, 4, "Sichuan", "四川"),
    "重庆市": Region(4, 5, "Chongqing", "重庆"),
    "河南省": Region(4, 6, "Henan", "河南"),
    "河北省": Region(4, 7, "Hebei", "河北"),
    "山东省": Region(4, 8, "Shandong", "山东"),
    "云南省": Region(5, 4, "Yunnan", "云南"),
    "贵州省": Region(5, 5, "Guizhou", "贵州"),
    "湖北省": Region(5, 6, "Hubei", "湖北"),
    "安徽省": Region(5, 7, "Anhui", "安徽"),
    "江苏省": Region(5, 8, "Jiangsu", "江苏"),
    "上海市": Region(5, 9, "Shanghai", "上海"),
    "广西壮族自治区": Region(6, 5, "Guangxi", "广西"),
    "湖南省": Region(6, 6, "Hunan", "湖南"),
    "江西省": Region(6, 7, "Jiangxi", "江西"),
    "浙江省": Region(6, 8, "Zhejiang", "浙江"),
    "广东省": Region(7, 6, "Guangdong", "广东"),
    "福建省": Region(7, 7, "Fujian", "福建"),
    "海南省": Region(8, 6, "Hainan", "海南"),
}
